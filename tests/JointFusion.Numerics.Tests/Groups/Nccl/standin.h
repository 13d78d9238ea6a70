/*
 * A stand-in for libnccl.so.2 and libcuda.so.1, for tests: the same C functions over host memory, between the threads of one process.
 *
 * What it keeps of the real ones, so that a caller's mistake shows:
 *   - "device" addresses cannot be read by the CPU; NCCL takes no others, and none beyond their allocation
 *   - a stream is a thread of its own; a collective on it waits for all ranks, and for ever if one does not come, until it is aborted
 *   - a communicator is non-blocking: a call returns ncclInProgress, and the stream has the work only after ncclCommGetAsyncError says so
 *   - calls need a current context of the right device, a group is kept per thread, an id is passed by value, devices are not shared
 * What it does not keep: the order of sums, speed, anything between processes.
 */
#pragma once
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { Devices = 1 << 16, NoDevice = -1 };
typedef uintptr_t address; /* of device memory */

/* The tests' own: */
void standin_hold(int device, int on);     /* collectives of the device do not reach the other ranks */
void standin_fail(int device, int result); /* what ncclCommGetAsyncError reports of its communicators */
int standin_under_way(int device);         /* collectives that its streams have and that are not done */
int standin_live(int device);              /* contexts, streams, allocations and communicators that are not freed */

/* From cuda.c for nccl.c: */
struct stream;
extern atomic_int live[Devices];
int current_device(void);
int device_of(const struct stream *stream);
char *behind(address start, size_t bytes, int device); /* host memory of a range within one allocation, else NULL */
void push(struct stream *stream, void (*run)(void *), void *work);
