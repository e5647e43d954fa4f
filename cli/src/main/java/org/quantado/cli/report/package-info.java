/** What all commands say, and how: reports, tables, JSON, progress, failures and exit codes. */
package org.quantado.cli.report;
