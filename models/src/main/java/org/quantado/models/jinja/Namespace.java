package org.quantado.models.jinja;

import java.util.Map;

/**
 * The one object whose attributes a template can set.
 *
 * @param attributes by name
 */
record Namespace(Map<String, Object> attributes) {
}
