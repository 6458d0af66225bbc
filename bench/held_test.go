package main

import (
	"reflect"
	"testing"

	"example.com/restorejobs"
)

func TestHeldBytes(t *testing.T) {
	t.Parallel()
	job := restorejobs.Job{ID: "a text does not count"}
	size := float64(reflect.TypeFor[restorejobs.Job]().Size())
	if got := heldBytes(&job); got != size {
		t.Errorf("without lists: %v bytes, want %v", got, size)
	}
	job.Links = make([]restorejobs.Link, 2)
	job.Components = []restorejobs.ClusterComponent{{PrivateDownloadDeliveryURLs: make([]restorejobs.PrivateDownload, 3)}}
	want := size + float64(2*reflect.TypeFor[restorejobs.Link]().Size()+
		reflect.TypeFor[restorejobs.ClusterComponent]().Size()+
		3*reflect.TypeFor[restorejobs.PrivateDownload]().Size())
	if got := heldBytes(&job); got != want {
		t.Errorf("with lists in lists: %v bytes, want %v", got, want)
	}
}

func TestLeastOfJob(t *testing.T) {
	t.Parallel()
	for _, g := range both {
		for _, size := range sizes {
			least := leastOfJob(g, size)
			bare := size.average(g) + float64(reflect.TypeFor[restorejobs.Job]().Size())
			if least < bare || size == large && least < bare+500 {
				t.Errorf("%s, %s: %v bytes of %v without lists", g, size, least, bare)
			}
		}
	}
}
