/**
 * What running a kernel does to its arguments: which arrays it reads, which it writes, and which it may leave partly
 * unwritten, by the rules of TornadoVM's data-flow analysis, since they decide what is copied to a device.
 *
 * <p>
 * A kernel is walked with its helpers in the place of their calls. {@code Stretch} is the control flow, {@code Frame} the
 * values, {@code MethodWalk} executes instructions, {@code ArrayStores} holds the rule.
 */
package org.quantado.host.flow;
