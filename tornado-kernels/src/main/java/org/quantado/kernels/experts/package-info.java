/**
 * A block of experts as one graph: route, bring tokens together by expert, multiply, activate, multiply, and bring the
 * results back. What passes between the stages stays on the device.
 */
package org.quantado.kernels.experts;
