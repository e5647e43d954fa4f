package org.quantado.server.model;

/**
 * A call of a function that the model asks for.
 *
 * @param name of the function
 * @param arguments a JSON object
 */
public record ToolCall(String name, String arguments) {
}
