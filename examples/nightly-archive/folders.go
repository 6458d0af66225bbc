package main

import (
	"cmp"
	"os"
	"path/filepath"
	"time"

	"example.com/restorejobs"
)

const (
	layout   = "2006-01-02T1504Z" // several snapshots of one day have several folders
	evidence = "result.json"
)

// name is the name of a file: that of its shard, if it has one.
func name(link restorejobs.DownloadLink) string {
	return cmp.Or(link.ReplicaSet, "archive") + ".tar.gz"
}

// prune removes the oldest folders. One that has no evidence does not count as an archive.
func prune(dir string, keep int) error {
	whole, err := filepath.Glob(filepath.Join(dir, "*", evidence)) // sorted
	if err != nil || len(whole) <= keep {
		return err
	}
	oldest := filepath.Base(filepath.Dir(whole[len(whole)-keep]))
	entries, err := os.ReadDir(dir)
	for _, entry := range entries {
		_, notDated := time.Parse(layout, entry.Name())
		if notDated == nil && entry.Name() < oldest {
			err = cmp.Or(err, os.RemoveAll(filepath.Join(dir, entry.Name())))
		}
	}
	return err
}
