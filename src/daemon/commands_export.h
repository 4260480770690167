// The control protocol's `export`: what a zone is, or was, as a zone file.
//
//   zone, view
//   serial: NUMBER      as it was with this one, as far as its history goes back
//   -> serial, text. Of up to EXPORT_RECORDS_MAX records; larger ones go by AXFR
//      exit 5: history has no such serial
#pragma once

#include <jansson.h>

struct control_client;
struct daemon;

void command_run_export(struct daemon *daemon, struct control_client *client, json_t *request)
    __attribute__((nonnull));
