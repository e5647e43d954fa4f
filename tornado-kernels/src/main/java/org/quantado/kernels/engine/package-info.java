/** Which runtime stands behind TornadoVM's API in this process: an SDK's, or one found on the class path. */
package org.quantado.kernels.engine;
