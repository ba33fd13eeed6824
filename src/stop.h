/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Signals that say to stop: SIGINT, SIGTERM, SIGHUP. What was read until then
 * is told, and nothing is left behind; a second one ends the process.
 */
#ifndef STOP_H
#define STOP_H

#include <signal.h>
#include <stdbool.h>

/* From now on such a signal is noticed, and none has come. Called again, one
 * more can come. */
void stop_on_signals(void);

/* Another action for these signals, which all are held meanwhile. One that is
 * ignored, as nohup(1) has it, stays so. */
void stop_handle(struct sigaction *action);

/* Waits until something can be read there, or a signal comes: then false. */
bool stop_wait(int fd);

int stop_signal(void); /* the one that came, or 0 */
bool is_stopped(void);
/* As if this one had come, or none for 0. */
void stop_set(int number);
/* Ends the process by this signal, of which the handler is running. */
void stop_at_once(int number);

#endif
