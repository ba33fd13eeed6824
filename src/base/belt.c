/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/belt.h"

#include "base/alloc.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

/* Long enough that handing one on costs nothing to speak of; so many that
 * neither side waits for each. */
#define TRAY_SIZE ((size_t)256 << 10)
#define TRAYS	  8

struct tray {
	char *items;
	size_t n;
};

struct whole {
	struct belt belt; /* first */
	belt_fn *work;
	void *arg;
	struct tray trays[TRAYS];
	bool apart;
	pthread_t hand;
	/* Of what is below: */
	pthread_mutex_t mutex;
	pthread_cond_t came, went;
	size_t put, done; /* so many trays, ever */
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
		const struct tray *tray;

		while (whole->put == whole->done && !whole->over)
			pthread_cond_wait(&whole->came, &whole->mutex);
		if (whole->over)
			break;
		tray = &whole->trays[whole->done % TRAYS];
		pthread_mutex_unlock(&whole->mutex);
		whole->work(whole->arg, tray->items, tray->n);
		pthread_mutex_lock(&whole->mutex);
		whole->done++;
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

/* Puts items into a tray that nobody works on. */
static void begin_tray(struct whole *whole)
{
	struct belt *belt = &whole->belt;
	struct tray *tray = &whole->trays[whole->put % TRAYS];
	size_t size = TRAY_SIZE / belt->item * belt->item;

	if (!tray->items)
		tray->items = xmalloc(size);
	belt->at = tray->items;
	belt->end = tray->items + size;
}

struct belt *belt_new(size_t item, bool apart, belt_fn *work, void *arg)
{
	struct whole *whole = xcalloc(1, sizeof(*whole));

	whole->belt.item = item;
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
		free(whole->trays[i].items);
	free(whole);
}

/* Hands the tray on, and waits until no more than so many are under way. */
static void hand_on(struct whole *whole, size_t most)
{
	struct belt *belt = &whole->belt;
	struct tray *tray = &whole->trays[whole->put % TRAYS];

	tray->n = (size_t)(belt->at - tray->items) / belt->item;
	if (!whole->apart) {
		whole->work(whole->arg, tray->items, tray->n);
		belt->at = tray->items;
		return;
	}
	pthread_mutex_lock(&whole->mutex);
	whole->put += tray->n > 0;
	pthread_cond_signal(&whole->came);
	while (whole->put - whole->done > most)
		pthread_cond_wait(&whole->went, &whole->mutex);
	pthread_mutex_unlock(&whole->mutex);
	begin_tray(whole);
}

void belt_turn(struct belt *belt)
{
	hand_on(whole_of(belt), TRAYS - 1);
}

void belt_drain(struct belt *belt)
{
	hand_on(whole_of(belt), 0);
}
