/* The driver's part: devices, memory, streams. */
#include "standin.h"

enum { OutOfMemory = 2, InvalidDevice = 101, InvalidContext = 201, NotReady = 600, IllegalAddress = 700 }; /* CUresult */

static const uintptr_t Unreadable = (uintptr_t)1 << 50; /* added to host addresses */

static int contexts[Devices]; /* a context is the address of its device's element */
static _Thread_local int *current;
atomic_int live[Devices];

static struct allocation { char *start; size_t bytes; int device; struct allocation *next; } *allocations;
static pthread_mutex_t memory = PTHREAD_MUTEX_INITIALIZER;

int standin_live(int device) { return live[device]; }
int current_device(void) { return current ? (int)(current - contexts) : NoDevice; }

char *behind(address start, size_t bytes, int device) {
  char *host = (char *)(start - Unreadable), *found = NULL;
  pthread_mutex_lock(&memory);
  for (struct allocation *a = allocations; a && !found; a = a->next)
    if (a->device == device && host >= a->start && host + bytes <= a->start + a->bytes) found = host;
  pthread_mutex_unlock(&memory);
  return found;
}

int cuInit(unsigned flags) { (void)flags; return 0; }
int cuDeviceGet(int *device, int ordinal) { return ordinal < 0 || ordinal >= Devices ? InvalidDevice : (*device = ordinal, 0); }
int cuDevicePrimaryCtxRetain(int **context, int device) { live[device]++; *context = &contexts[device]; return 0; }
int cuDevicePrimaryCtxRelease_v2(int device) { live[device]--; return 0; }
int cuCtxSetCurrent(int *context) { current = context; return 0; }

int cuGetErrorString(int error, const char **text) {
  *text = error == InvalidDevice ? "invalid device ordinal" : error == InvalidContext ? "invalid device context" : "an error of the stand-in";
  return 0;
}

int cuMemAlloc_v2(address *start, size_t bytes) {
  if (!current) return InvalidContext;
  struct allocation *a = malloc(sizeof *a);
  char *host = malloc(bytes);
  if (!a || !host) return OutOfMemory;
  pthread_mutex_lock(&memory);
  *a = (struct allocation){ host, bytes, current_device(), allocations };
  allocations = a;
  pthread_mutex_unlock(&memory);
  live[a->device]++;
  *start = (address)host + Unreadable;
  return 0;
}

int cuMemFree_v2(address start) {
  pthread_mutex_lock(&memory);
  struct allocation **a = &allocations;
  while (*a && (address)(*a)->start + Unreadable != start) a = &(*a)->next;
  struct allocation *gone = *a;
  if (gone) *a = gone->next;
  pthread_mutex_unlock(&memory);
  if (!gone) return IllegalAddress;
  live[gone->device]--;
  free(gone->start);
  free(gone);
  return 0;
}

struct task { void (*run)(void *); void *work; struct task *next; };
struct stream { pthread_t thread; pthread_mutex_t lock; pthread_cond_t moved; struct task *head, **tail; int busy, ending, device; };

static void *run_tasks(void *argument) {
  struct stream *s = argument;
  pthread_mutex_lock(&s->lock);
  for (;;) {
    while (!s->head && !s->ending) pthread_cond_wait(&s->moved, &s->lock);
    struct task *task = s->head;
    if (!task) break;
    if (!(s->head = task->next)) s->tail = &s->head;
    pthread_mutex_unlock(&s->lock);
    task->run(task->work);
    free(task);
    pthread_mutex_lock(&s->lock);
    s->busy--;
    pthread_cond_broadcast(&s->moved);
  }
  pthread_mutex_unlock(&s->lock);
  return NULL;
}

int device_of(const struct stream *stream) { return stream->device; }

void push(struct stream *s, void (*run)(void *), void *work) {
  struct task *task = malloc(sizeof *task);
  *task = (struct task){ run, work, NULL };
  pthread_mutex_lock(&s->lock);
  *s->tail = task;
  s->tail = &task->next;
  s->busy++;
  pthread_cond_broadcast(&s->moved);
  pthread_mutex_unlock(&s->lock);
}

int cuStreamCreate(struct stream **stream, unsigned flags) {
  (void)flags;
  if (!current) return InvalidContext;
  struct stream *s = calloc(1, sizeof *s);
  s->device = current_device();
  s->tail = &s->head;
  pthread_mutex_init(&s->lock, NULL);
  pthread_cond_init(&s->moved, NULL);
  pthread_create(&s->thread, NULL, run_tasks, s);
  live[s->device]++;
  *stream = s;
  return 0;
}

int cuStreamDestroy_v2(struct stream *s) {
  pthread_mutex_lock(&s->lock);
  s->ending = 1;
  pthread_cond_broadcast(&s->moved);
  pthread_mutex_unlock(&s->lock);
  pthread_join(s->thread, NULL);
  live[s->device]--;
  free(s);
  return 0;
}

int cuStreamQuery(struct stream *s) {
  pthread_mutex_lock(&s->lock);
  int busy = s->busy;
  pthread_mutex_unlock(&s->lock);
  return busy ? NotReady : 0;
}

/* Between device and pageable memory a copy waits for the stream, then for itself. */
static int copy(struct stream *s, address device, size_t bytes, char *to, const char *from) {
  if (current_device() != s->device) return InvalidContext;
  char *host = behind(device, bytes, s->device);
  if (!host) return IllegalAddress;
  pthread_mutex_lock(&s->lock);
  while (s->busy) pthread_cond_wait(&s->moved, &s->lock);
  pthread_mutex_unlock(&s->lock);
  memcpy(to ? to : host, from ? from : host, bytes);
  return 0;
}

int cuMemcpyHtoDAsync_v2(address to, const void *from, size_t bytes, struct stream *s) { return copy(s, to, bytes, NULL, from); }
int cuMemcpyDtoHAsync_v2(void *to, address from, size_t bytes, struct stream *s) { return copy(s, from, bytes, to, NULL); }
