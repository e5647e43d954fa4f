/**
 * Work on more than one machine: tasks that may run anywhere, in any order and more than once, and the place that a
 * machine needs for them. What runs them is found by {@link org.quantado.schemes.cluster.ClusterProvider}.
 */
package org.quantado.schemes.cluster;
