package org.quantado.models.calibrate;

import java.io.IOException;
import java.io.Serializable;

import org.quantado.schemes.cluster.ClusterTask;

/**
 * A task that has its process's {@link CalibrationSite} for itself.
 *
 * @param <R> what comes of it
 */
interface SiteTask<R extends Serializable> extends ClusterTask<CalibrationSite, R> {
    /** Works; all others wait. */
    R workAlone(CalibrationSite site) throws IOException;

    @Override
    default R work(CalibrationSite site) throws IOException {
        synchronized (site) {
            return workAlone(site);
        }
    }
}
