/** A language model in the process, as LangChain4j has models. */
package org.quantado.langchain4j;
