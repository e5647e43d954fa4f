package org.quantado.schemes.config;

/** A constant that has a name of its own in JSON. */
public interface JsonName {
    /** The name as it stands in a file. */
    String jsonName();
}
