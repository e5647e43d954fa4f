/**
 * The part of Jinja that chat templates are written in, as transformers renders them: the language of Jinja 3.1 with
 * Python's values, {@code trim_blocks} and {@code lstrip_blocks} on, nothing escaped, in a sandbox.
 *
 * <p>What a template uses and this room does not know is named in a {@link org.quantado.models.jinja.TemplateException};
 * nothing is passed over. Values are never read as templates. Python's values are {@code String}, {@code Boolean},
 * {@code Long}, {@code Double}, {@code List}, {@link org.quantado.models.jinja.Tuple}, {@code Map}, and null for None.
 */
package org.quantado.models.jinja;
