/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The belt: with no thread of its own, with one, and shared by many.
 */
#include "base/belt.h"

#include "unit.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

struct worker {
	uint64_t next; /* that should come */
	unsigned pauses;
	bool in_order;
};

/* Now and then slower than who puts on. */
static void work(void *arg, const void *items, size_t n)
{
	struct worker *worker = arg;
	const uint64_t *numbers = items;

	for (size_t i = 0; i < n; i++)
		worker->in_order &= numbers[i] == worker->next++;
	if (worker->pauses && worker->pauses--)
		usleep(1000);
}

/* Many trays, and waits at both ends; then one at a time. */
START_TEST(in_order)
{
	struct worker worker = {.pauses = 20, .in_order = true};
	struct belt *belt = belt_new(sizeof(uint64_t), _i, work, &worker);
	uint64_t n = 0;

	belt_drain(belt);
	while (n < 2000000)
		*(uint64_t *)belt_place(belt) = n++;
	belt_drain(belt);
	ck_assert_uint_eq(worker.next, n);
	for (int i = 0; i < 1000; i++) {
		*(uint64_t *)belt_place(belt) = n++;
		belt_drain(belt);
		belt_drain(belt);
		ck_assert_uint_eq(worker.next, n);
	}
	ck_assert(worker.in_order);
	*(uint64_t *)belt_place(belt) = n;
	belt_free(belt);
}
END_TEST

/* Pieces of one to five items, each item the number of its piece. */
static void work_pieces(void *arg, const void *items, size_t n)
{
	struct worker *worker = arg;
	const uint64_t *numbers = items;

	while (n) {
		size_t size = worker->next % 5 + 1;

		/* None is on two trays. */
		worker->in_order &= size <= n;
		for (size_t i = 0; i < size && worker->in_order; i++)
			worker->in_order &= numbers[i] == worker->next;
		if (!worker->in_order)
			return;
		worker->next++;
		numbers += size;
		n -= size;
	}
}

START_TEST(pieces)
{
	struct worker worker = {.in_order = true};
	struct belt *belt =
	    belt_new(sizeof(uint64_t), _i, work_pieces, &worker);
	uint64_t n = 0;

	for (; n < 500000; n++) {
		size_t size = n % 5 + 1;
		uint64_t *place = belt_room(belt, size * sizeof(*place));

		while (size)
			place[--size] = n;
	}
	belt_drain(belt);
	ck_assert(worker.in_order);
	ck_assert_uint_eq(worker.next, n);
	belt_free(belt);
}
END_TEST

struct seen {
	pthread_t puts_on;
	unsigned here, there; /* calls by whom */
	bool signals;	      /* could have come to the other thread */
};

static void look_around(void *arg, const void *items, size_t n)
{
	struct seen *seen = arg;
	sigset_t blocked;

	(void)items;
	(void)n;
	if (pthread_equal(seen->puts_on, pthread_self())) {
		seen->here++;
		return;
	}
	seen->there++;
	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	seen->signals |= !sigismember(&blocked, SIGINT);
}

/* Whole trays go to another thread, but no signals; and who puts on still gets
 * them. */
START_TEST(apart)
{
	struct seen seen = {.puts_on = pthread_self()};
	struct belt *belt = belt_new(1, true, look_around, &seen);
	sigset_t blocked;

	for (int i = 0; i < 1000000; i++)
		*(char *)belt_place(belt) = 0;
	belt_drain(belt);
	ck_assert_uint_gt(seen.there, 0);
	ck_assert_uint_eq(seen.here, 1);
	ck_assert(!seen.signals);
	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	ck_assert(!sigismember(&blocked, SIGINT));
	belt_free(belt);
	belt_free(NULL);
}
END_TEST

/* Trays come in any order, each once, and none is filled again while somebody
 * works on it. */
struct crew {
	pthread_mutex_t mutex;
	pthread_cond_t came;
	uint64_t count, sum;
	unsigned here, most; /* at work at the same time; how many ever were */
	unsigned awaited;    /* nobody goes on before so many were */
	bool whole;	     /* what is on a tray stays as it was put there */
};

static uint64_t sum_of(const uint64_t *numbers, size_t n, bool *rising)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		*rising &= numbers[i] == numbers[0] + i;
		sum += numbers[i];
	}
	return sum;
}

static void work_beside(void *arg, const void *items, size_t n)
{
	struct crew *crew = arg;
	bool rising = true;
	uint64_t sum;

	pthread_mutex_lock(&crew->mutex);
	crew->here++;
	if (crew->most < crew->here)
		crew->most = crew->here;
	pthread_cond_broadcast(&crew->came);
	while (crew->most < crew->awaited)
		pthread_cond_wait(&crew->came, &crew->mutex);
	pthread_mutex_unlock(&crew->mutex);
	sum = sum_of(items, n, &rising);
	sched_yield();
	pthread_mutex_lock(&crew->mutex);
	crew->whole &= sum == sum_of(items, n, &rising);
	crew->whole &= rising;
	crew->count += n;
	crew->sum += sum;
	crew->here--;
	pthread_mutex_unlock(&crew->mutex);
}

START_TEST(shared)
{
	const unsigned threads = (unsigned)_i;
	struct crew crew = {.awaited = threads, .whole = true};
	struct belt *belt;
	uint64_t n = 0;

	pthread_mutex_init(&crew.mutex, NULL);
	pthread_cond_init(&crew.came, NULL);
	belt = belt_new_shared(sizeof(uint64_t), threads, work_beside, &crew);
	for (int i = 1; i <= 3; i++) {
		while (n < (uint64_t)i * 1111111)
			*(uint64_t *)belt_place(belt) = n++;
		belt_drain(belt);
		ck_assert_uint_eq(crew.count, n);
		ck_assert_uint_eq(crew.sum, n * (n - 1) / 2);
	}
	ck_assert(crew.whole);
	ck_assert_uint_eq(crew.here, 0);
	ck_assert_uint_eq(crew.most, threads);
	belt_free(belt);
	pthread_cond_destroy(&crew.came);
	pthread_mutex_destroy(&crew.mutex);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("belt");
	TCase *tcase = tcase_create("belt");

	tcase_add_loop_test(tcase, in_order, 0, 2);
	tcase_add_loop_test(tcase, pieces, 0, 2);
	tcase_add_test(tcase, apart);
	tcase_add_loop_test(tcase, shared, 1, 6);
	tcase_set_timeout(tcase, 60); /* under valgrind, say */
	suite_add_tcase(suite, tcase);
	return suite;
}
