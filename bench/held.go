package main

import (
	"encoding/json"
	"reflect"

	"example.com/restorejobs"
)

// heldBytes is what a job needs beside its text: its struct and the lists in it.
func heldBytes(job any) float64 {
	value := reflect.Indirect(reflect.ValueOf(job))
	return float64(value.Type().Size()) + listBytes(value)
}

// listBytes is the memory of the lists in a value.
func listBytes(v reflect.Value) float64 {
	total := 0.0
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			total += listBytes(v.Field(i))
		}
	case reflect.Slice:
		total = float64(v.Len()) * float64(v.Type().Elem().Size())
		for i := range v.Len() {
			total += listBytes(v.Index(i))
		}
	default: // a text is part of the body
	}
	return total
}

// leastOfJob is what a job of ours needs on average if no byte is wasted: its body, its struct and its
// lists.
func leastOfJob(g generation, size bodySize) float64 {
	total := 0.0
	for i := range shapes {
		body := appendJob(nil, g, size, i)
		var job restorejobs.Job
		if err := json.Unmarshal(body, &job); err != nil {
			panic(err) // the bodies are constant
		}
		total += float64(len(body)) + heldBytes(&job)
	}
	return total / shapes
}
