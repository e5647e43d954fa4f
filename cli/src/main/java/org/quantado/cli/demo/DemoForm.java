package org.quantado.cli.demo;

import java.nio.file.Path;
import java.util.Optional;

import org.quantado.schemes.linear.OnlineFormat;

/**
 * A form in which the demo runs its layers.
 *
 * @param name of the preset, or what is done while loading
 * @param checkpoint folder
 * @param online what unquantized weights become while loading
 */
record DemoForm(String name, Path checkpoint, Optional<OnlineFormat> online) {
}
