package main

import (
	"crypto/sha1"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"

	"example.com/restorejobs"
)

// there finds the file of a job that an earlier run has finished: under its own name, with
// the checksum that the server has named since. A cluster of Ops Manager that is sharded has
// a job for each shard, and whoever runs this again wants what is missing.
func there(job *restorejobs.Job, dir string) (restorejobs.File, bool) {
	for _, hash := range job.Hashes {
		if hash.TypeName != restorejobs.HashTypeSHA1 || filepath.Base(hash.FileName) != hash.FileName {
			continue
		}
		path := filepath.Join(dir, hash.FileName)
		size, sum, err := sha1Of(path)
		if err == nil && sum == hash.Hash {
			return restorejobs.File{Path: path, Size: size, SHA1: sum, Verified: true}, true
		}
	}
	return restorejobs.File{}, false
}

func sha1Of(path string) (size int64, sum string, err error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = file.Close() }()
	hash := sha1.New()
	size, err = io.Copy(hash, file)
	return size, hex.EncodeToString(hash.Sum(nil)), err
}
