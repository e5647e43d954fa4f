package org.quantado.schemes.select;

/** Whose decisions are followed, where they changed. */
public enum Era {
    /** vLLM of August 2026. */
    HEAD,
    /** vLLM of June 2026, when WNA8O8Int was new. */
    SEED
}
