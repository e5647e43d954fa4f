/**
 * The host engine: runs TornadoVM TaskGraphs on the plain JVM, with a device's semantics.
 *
 * <p>
 * {@code engine} implements the API's provider interfaces; {@code memory} keeps the device's copies of the user's
 * objects; {@code bytecode} reads kernels, {@code flow} tells what they do to their arguments, {@code kernel} finds and
 * rewrites them; {@code work} runs them on the cores. The class path resource
 * {@code META-INF/quantado/tornado-runtime.properties} names the providers as the system properties that the API reads.
 *
 * <p>
 * What TornadoVM does and this engine does not is refused with "not supported by the host engine":
 * <ul>
 * <li>of a plan: {@code withMemoryLimit}, {@code withConcurrentDevices}, {@code mapOnDeviceMemoryRegion},
 * {@code withBatch} of arrays of different sizes, devices other than the one there is;</li>
 * <li>of a graph: {@code prebuiltTask};</li>
 * <li>of a grid: {@code setGlobalOffset}, groups of more than 1024 work-items;</li>
 * <li>of a kernel: {@code @Parallel} loops of another form than {@code for (int i = a; i < b; i += c)}, or one after the
 * other; ids, barriers and local memory of a KernelContext in such a loop; in a helper, {@code new AtomicInteger} and
 * {@code Debug.printf};</li>
 * <li>of an argument: strings, records, enums and other objects of the JDK than AtomicInteger;</li>
 * <li>of a device: its events, buffers and streams ({@code TornadoDevice.allocate}, {@code ensurePresent},
 * {@code streamIn}, {@code sync} and the like), {@code getDeviceMaxClockFrequency}, {@code getPowerMetric}.</li>
 * </ul>
 * A reduction ({@code @Reduce}) runs on one thread; reduced values may differ from a device's in the last bits, as they do
 * between devices.
 *
 * <p>
 * A JVM has one engine. Where this one's contexts are loaded beside TornadoVM's own runtime, TornadoVM no longer knows
 * which method a call of a {@link uk.ac.manchester.tornado.api.KernelContext} means, and cannot compile it.
 */
package org.quantado.host;
