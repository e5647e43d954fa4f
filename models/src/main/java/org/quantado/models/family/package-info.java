/** What each {@code model_type} is: descriptions, and what a config makes of them. Nothing here runs. */
package org.quantado.models.family;
