/**
 * Work on more than one machine with Apache Spark: {@link org.quantado.spark.SparkCluster} runs the tasks that
 * {@code org.quantado.schemes.cluster} describes, and {@link org.quantado.spark.Submit} is what {@code spark-submit} starts.
 * No other room knows Spark.
 */
package org.quantado.spark;
