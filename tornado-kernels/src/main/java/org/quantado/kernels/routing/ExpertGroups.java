package org.quantado.kernels.routing;

/**
 * Equal groups of consecutive experts, of which a token may choose from the best only.
 *
 * @param count number of groups
 * @param kept how many a token chooses from
 */
public record ExpertGroups(int count, int kept) {
    public ExpertGroups {
        if (count < 1 || kept < 1 || kept > count) {
            throw new IllegalArgumentException(kept + " of " + count + " groups of experts cannot be kept");
        }
    }
}
