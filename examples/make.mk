# SPDX-License-Identifier: MIT
# What examples/make.cpp makes: a small library and a program of C, compiled, tested and packed.
dir   := make_example
CC     = cc
FLAGS  = -O1 # like every good program
parts  = $(dir)/add.o \
         $(dir)/multiply.o \
         $(dir)/power.o

.PHONY: all
all: $(dir)/report.txt $(dir)/words.txt

$(dir)/.made:
	mkdir -p $(dir)
	touch $@

$(dir)/add.c: $(dir)/.made
	echo "int add(int a, int b) { return a + b; }" > $@

$(dir)/multiply.c: $(dir)/.made
	echo "int add(int, int); int multiply(int a, int b) { int s = 0; while (b--) s = add(s, a); return s; }" > $@

$(dir)/power.c: $(dir)/.made
	echo "int multiply(int, int); int power(int a, int b) { int p = 1; while (b--) p = multiply(p, a); return p; }" > $@

$(dir)/main.c: $(dir)/.made
	echo "int power(int, int); int main(void) { return power(2, 10) == 1024 ? 0 : 1; }" > $@

$(dir)/add.o: $(dir)/add.c
	$(CC) $(FLAGS) -c $< -o $@

$(dir)/multiply.o: $(dir)/multiply.c
	$(CC) $(FLAGS) -c $< -o $@

$(dir)/power.o: $(dir)/power.c
	$(CC) $(FLAGS) -c $< -o $@

$(dir)/main.o: $(dir)/main.c
	$(CC) $(FLAGS) -c $< -o $@

$(dir)/libparts.a: $(parts)
	rm -f $@
	ar rc $@ $^

$(dir)/program: $(dir)/main.o $(dir)/libparts.a
	$(CC) $^ -o $@

$(dir)/report.txt: $(dir)/program
	./$< && echo "right" > $@

$(dir)/words.txt: $(parts)
	wc -c $^ | sort > $@
