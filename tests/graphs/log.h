/* log.h: the one thing that all libraries of a graph share. */
#ifndef LOG_H
#define LOG_H

typedef void *look_up(void *handle, const char *symbol); /* dlsym */

/* A library whose constructor has run and whose destructor has not. */
struct library {
	const char *name;
	const char *(*see)(look_up *look); /* whose function it calls */
	const char *(*look_for)(
		void *handle, look_up *look); /* the same by dlsym, from within it */
	struct library *next;
};

/* Writes "WHAT NAME\n". */
void log_event(const char *what, const char *name);

/* The list of libraries, the newest one first. */
void log_join(struct library *l);
void log_leave(struct library *l);
struct library *log_libraries(void);

#endif
