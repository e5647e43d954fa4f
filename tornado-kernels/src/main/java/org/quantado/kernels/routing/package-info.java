/**
 * Which expert sees which token: scores, top-k, tokens brought together by expert, and their results brought back.
 *
 * <p>All of it runs on the device, parallel over tokens and experts. Places in an order are found by counting what comes
 * before, so that equal scores and equal experts keep their order and nothing depends on which work-item is first.
 */
package org.quantado.kernels.routing;
