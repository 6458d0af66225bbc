package main

import "testing"

// The yardstick hands its jobs over: a job that only its decoder uses could stay on the stack.
func TestHandJob_allocatesTheJob(t *testing.T) { //nolint:paralleltest // counts allocations
	body := appendJob(nil, classic, small, 0)
	const textAndStruct = 2
	if got := testing.AllocsPerRun(100, func() { _, _ = handJob(classic, body) }); got != textAndStruct {
		t.Errorf("%.0f allocations", got)
	}
}
