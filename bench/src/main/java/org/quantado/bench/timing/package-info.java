/** How long something takes that is repeated. */
package org.quantado.bench.timing;
