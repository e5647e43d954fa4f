package org.quantado.models.jinja;

/** What has a value. */
@FunctionalInterface
interface Expression {
    Object value(Scope scope);
}
