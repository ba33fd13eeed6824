/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/belt.h"

#include "base/alloc.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

/* Long enough that handing one on costs nothing to speak of; so many that
 * neither side waits for each. */
#define TRAY_SIZE ((size_t)512 << 10)
#define TRAYS	  4

struct whole {
	struct belt belt; /* first */
	belt_fn *work;
	void *arg;
	char *trays[TRAYS];
	size_t n; /* items that one has room for */
	bool apart;
	pthread_t hand;
	/* Of what is below: */
	pthread_mutex_t mutex;
	pthread_cond_t came, went;
	size_t put, done;   /* so many trays, ever */
	size_t most;	    /* so many are under way when `went` is said */
	size_t held[TRAYS]; /* items on each that was put */
	bool over;
};

static struct whole *whole_of(struct belt *belt)
{
	return (struct whole *)belt;
}

static void *work_apart(void *arg)
{
	struct whole *whole = arg;

	pthread_mutex_lock(&whole->mutex);
	for (;;) {
		const char *tray;
		size_t n;

		while (whole->put == whole->done && !whole->over)
			pthread_cond_wait(&whole->came, &whole->mutex);
		if (whole->over)
			break;
		tray = whole->trays[whole->done % TRAYS];
		n = whole->held[whole->done % TRAYS];
		pthread_mutex_unlock(&whole->mutex);
		whole->work(whole->arg, tray, n);
		pthread_mutex_lock(&whole->mutex);
		whole->done++;
		if (whole->put - whole->done <= whole->most)
			pthread_cond_signal(&whole->went);
	}
	pthread_mutex_unlock(&whole->mutex);
	return NULL;
}

/* Signals are for the thread that asks whether there were any. */
static void start(struct whole *whole)
{
	sigset_t all, before;

	pthread_mutex_init(&whole->mutex, NULL);
	pthread_cond_init(&whole->came, NULL);
	pthread_cond_init(&whole->went, NULL);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	whole->apart = !pthread_create(&whole->hand, NULL, work_apart, whole);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void stop(struct whole *whole)
{
	pthread_mutex_lock(&whole->mutex);
	whole->over = true;
	pthread_cond_signal(&whole->came);
	pthread_mutex_unlock(&whole->mutex);
	pthread_join(whole->hand, NULL);
	pthread_cond_destroy(&whole->went);
	pthread_cond_destroy(&whole->came);
	pthread_mutex_destroy(&whole->mutex);
}

/* A tray that nobody works on. */
static void begin_tray(struct whole *whole)
{
	struct belt *belt = &whole->belt;
	char **tray = &whole->trays[whole->put % TRAYS];

	if (!*tray)
		*tray = xmalloc(whole->n * belt->item);
	belt->at = *tray;
	belt->end = *tray + whole->n * belt->item;
}

struct belt *belt_new(size_t item, bool apart, belt_fn *work, void *arg)
{
	struct whole *whole = xcalloc(1, sizeof(*whole));

	whole->belt.item = item;
	whole->n = TRAY_SIZE / item;
	whole->work = work;
	whole->arg = arg;
	if (apart)
		start(whole);
	begin_tray(whole);
	return &whole->belt;
}

void belt_free(struct belt *belt)
{
	struct whole *whole = whole_of(belt);

	if (!belt)
		return;
	if (whole->apart)
		stop(whole);
	for (int i = 0; i < TRAYS; i++)
		free(whole->trays[i]);
	free(whole);
}

/* Waits until no more than so many trays are under way. */
static void wait_for(struct whole *whole, size_t most)
{
	whole->most = most;
	while (whole->put - whole->done > most)
		pthread_cond_wait(&whole->went, &whole->mutex);
}

/* Items on the tray at hand. */
static size_t at_hand(const struct whole *whole)
{
	const char *tray = whole->trays[whole->put % TRAYS];

	return (size_t)(whole->belt.at - tray) / whole->belt.item;
}

/* Works on them. */
static void work_here(struct whole *whole)
{
	char *tray = whole->trays[whole->put % TRAYS];
	size_t n = at_hand(whole);

	whole->belt.at = tray;
	if (n)
		whole->work(whole->arg, tray, n);
}

void belt_turn(struct belt *belt)
{
	struct whole *whole = whole_of(belt);

	if (!whole->apart) {
		work_here(whole);
		return;
	}
	pthread_mutex_lock(&whole->mutex);
	whole->held[whole->put % TRAYS] = at_hand(whole);
	whole->put++;
	pthread_cond_signal(&whole->came);
	/* Who has to wait does so for some, not for each. */
	if (whole->put - whole->done == TRAYS)
		wait_for(whole, TRAYS / 2);
	pthread_mutex_unlock(&whole->mutex);
	begin_tray(whole);
}

/* What is not a whole tray is not worth waking the hand: mostly it has nothing
 * to do where connections are short. */
void belt_drain(struct belt *belt)
{
	struct whole *whole = whole_of(belt);

	if (whole->apart) {
		pthread_mutex_lock(&whole->mutex);
		wait_for(whole, 0);
		pthread_mutex_unlock(&whole->mutex);
	}
	work_here(whole);
}
