/**
 * What each family of models says about its experts: which fields of a config hold the facts, how tokens find their
 * experts, what a block contains and what that is called. This is the one place for it; nothing is guessed, and what is
 * not described here is refused by name.
 */
package org.quantado.moe.family;
