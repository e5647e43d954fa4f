package org.quantado.schemes.smooth;

import java.util.ArrayList;
import java.util.List;

/** Whether weights count beside inputs when AWQ proposes scales. */
public enum DuoScaling {
    /** They do; one of the proposals leaves all channels as they are. */
    ON {
        @Override
        List<Awq.Proposal> proposals(int gridPoints) {
            List<Awq.Proposal> proposals = new ArrayList<>();
            proposals.add(new Awq.Proposal(0, false));
            for (int point = 0; point < gridPoints - 1; point++) {
                proposals.add(new Awq.Proposal(point / (gridPoints - 2.0), true));
            }
            return proposals;
        }
    },
    /** They do not. */
    OFF {
        @Override
        List<Awq.Proposal> proposals(int gridPoints) {
            List<Awq.Proposal> proposals = new ArrayList<>();
            for (int point = 0; point < gridPoints; point++) {
                proposals.add(new Awq.Proposal(point / (gridPoints - 1.0), false));
            }
            return proposals;
        }
    },
    /** Half of the proposals are made with them. */
    BOTH {
        @Override
        List<Awq.Proposal> proposals(int gridPoints) {
            List<Awq.Proposal> proposals = new ArrayList<>();
            int ratios = gridPoints / 2;
            for (int point = 0; point < ratios; point++) {
                double ratio = point / (ratios - 1.0);
                proposals.add(new Awq.Proposal(ratio, false));
                proposals.add(new Awq.Proposal(ratio, true));
            }
            return proposals;
        }
    };

    abstract List<Awq.Proposal> proposals(int gridPoints);
}
