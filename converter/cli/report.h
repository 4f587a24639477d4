/* report.h: what inspect prints for people. */
#ifndef HORN_CLI_REPORT_H
#define HORN_CLI_REPORT_H

/** Prints the JSON of horn_convert_inspect as text. */
void cli_report(const char *path, const char *json);

#endif
