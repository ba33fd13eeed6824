/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/belt.h"

#include "base/alloc.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

/* Long enough that handing one on costs nothing to speak of; so many that
 * neither side waits for each: one at hand, one for each that works on it; the
 * others wait for hands, or to be filled. */
#define TRAY_SIZE   ((size_t)512 << 10)
#define TRAYS_SPARE 2

struct tray {
	char *items;
	size_t n;
	bool worked; /* and not yet counted in `done` */
};

struct whole {
	struct belt belt; /* first */
	belt_fn *work;
	void *arg;
	struct tray *trays; /* used in turn */
	size_t n_trays;
	size_t n; /* items that one has room for */
	pthread_t *hands;
	unsigned n_hands;
	bool helps;
	/* Of what is below, and the trays that were put: */
	pthread_mutex_t mutex;
	pthread_cond_t came, went;
	size_t put, taken, done; /* so many trays, ever: up to the first that
				  * was not, in case of `done` */
	size_t most;		 /* so many are under way when `went` is said */
	bool over;
};

static struct whole *whole_of(struct belt *belt)
{
	return (struct whole *)belt;
}

static struct tray *tray_of(struct whole *whole, size_t i)
{
	return &whole->trays[i % whole->n_trays];
}

/* This one, and what those after it had to wait for. */
static void count_worked(struct whole *whole, struct tray *tray)
{
	tray->worked = true;
	while (whole->done < whole->taken &&
	       tray_of(whole, whole->done)->worked)
		tray_of(whole, whole->done++)->worked = false;
	if (whole->put - whole->done <= whole->most)
		pthread_cond_signal(&whole->went);
}

/* Works on the first that nobody has taken. */
static void work_next(struct whole *whole)
{
	struct tray *tray = tray_of(whole, whole->taken++);

	pthread_mutex_unlock(&whole->mutex);
	whole->work(whole->arg, tray->items, tray->n);
	pthread_mutex_lock(&whole->mutex);
	count_worked(whole, tray);
}

static void *work_apart(void *arg)
{
	struct whole *whole = arg;

	pthread_mutex_lock(&whole->mutex);
	for (;;) {
		while (whole->put == whole->taken && !whole->over)
			pthread_cond_wait(&whole->came, &whole->mutex);
		if (whole->over)
			break;
		work_next(whole);
	}
	pthread_mutex_unlock(&whole->mutex);
	return NULL;
}

/* Signals are for the thread that asks whether there were any. There may be
 * fewer threads than that, or none. */
static void start(struct whole *whole, unsigned hands)
{
	sigset_t all, before;

	pthread_mutex_init(&whole->mutex, NULL);
	pthread_cond_init(&whole->came, NULL);
	pthread_cond_init(&whole->went, NULL);
	whole->hands = xreallocarray(NULL, hands, sizeof(*whole->hands));
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (whole->n_hands < hands &&
	       !pthread_create(&whole->hands[whole->n_hands], NULL, work_apart,
			       whole))
		whole->n_hands++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void stop(struct whole *whole)
{
	pthread_mutex_lock(&whole->mutex);
	whole->over = true;
	pthread_cond_broadcast(&whole->came);
	pthread_mutex_unlock(&whole->mutex);
	for (unsigned i = 0; i < whole->n_hands; i++)
		pthread_join(whole->hands[i], NULL);
	pthread_cond_destroy(&whole->went);
	pthread_cond_destroy(&whole->came);
	pthread_mutex_destroy(&whole->mutex);
}

/* A tray that nobody works on. */
static void begin_tray(struct whole *whole)
{
	struct belt *belt = &whole->belt;
	struct tray *tray = tray_of(whole, whole->put);

	if (!tray->items)
		tray->items = xmalloc(whole->n * belt->item);
	belt->at = tray->items;
	belt->end = tray->items + whole->n * belt->item;
}

static struct belt *begin(size_t item, unsigned hands, bool helps,
			  belt_fn *work, void *arg)
{
	struct whole *whole = xcalloc(1, sizeof(*whole));

	whole->belt.item = item;
	whole->n = TRAY_SIZE / item;
	whole->work = work;
	whole->arg = arg;
	whole->helps = helps;
	whole->n_trays = 1 + hands + helps + TRAYS_SPARE;
	whole->trays = xcalloc(whole->n_trays, sizeof(*whole->trays));
	if (hands)
		start(whole, hands);
	begin_tray(whole);
	return &whole->belt;
}

struct belt *belt_new(size_t item, bool apart, belt_fn *work, void *arg)
{
	return begin(item, apart, false, work, arg);
}

struct belt *belt_new_shared(size_t item, unsigned threads, belt_fn *work,
			     void *arg)
{
	return begin(item, threads - 1, true, work, arg);
}

void belt_free(struct belt *belt)
{
	struct whole *whole = whole_of(belt);

	if (!belt)
		return;
	if (whole->hands)
		stop(whole);
	for (size_t i = 0; i < whole->n_trays; i++)
		free(whole->trays[i].items);
	free(whole->trays);
	free(whole->hands);
	free(whole);
}

/* Waits until no more than so many trays are under way, or works. */
static void wait_for(struct whole *whole, size_t most)
{
	whole->most = most;
	while (whole->put - whole->done > most)
		if (whole->helps && whole->taken < whole->put)
			work_next(whole);
		else
			pthread_cond_wait(&whole->went, &whole->mutex);
}

/* Items on the tray at hand. */
static size_t at_hand(struct whole *whole)
{
	const char *items = tray_of(whole, whole->put)->items;

	return (size_t)(whole->belt.at - items) / whole->belt.item;
}

/* Works on them. */
static void work_here(struct whole *whole)
{
	char *items = tray_of(whole, whole->put)->items;
	size_t n = at_hand(whole);

	whole->belt.at = items;
	if (n)
		whole->work(whole->arg, items, n);
}

void belt_turn(struct belt *belt)
{
	struct whole *whole = whole_of(belt);

	if (!whole->n_hands) {
		work_here(whole);
		return;
	}
	pthread_mutex_lock(&whole->mutex);
	tray_of(whole, whole->put)->n = at_hand(whole);
	whole->put++;
	pthread_cond_signal(&whole->came);
	/* Who has to wait does so for some, not for each; who helps does not
	 * let the hands wait. */
	if (whole->put - whole->done == whole->n_trays)
		wait_for(whole, whole->helps ? whole->n_trays - 1
					     : whole->n_trays / 2);
	pthread_mutex_unlock(&whole->mutex);
	begin_tray(whole);
}

/* What is not a whole tray is not worth waking a hand: mostly it has nothing
 * to do where connections are short. */
void belt_drain(struct belt *belt)
{
	struct whole *whole = whole_of(belt);

	if (whole->n_hands) {
		pthread_mutex_lock(&whole->mutex);
		wait_for(whole, 0);
		pthread_mutex_unlock(&whole->mutex);
	}
	work_here(whole);
}
