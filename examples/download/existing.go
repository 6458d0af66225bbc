package main

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"example.com/restorejobs"
)

// findExisting finds the files of a job that an earlier run completed, or returns nil unless all of
// them exist. A download renames a file only when it is complete.
func findExisting(job *restorejobs.Job, dir string) []restorejobs.DownloadedFile {
	if len(job.Hashes) > 0 {
		return hashed(job, dir)
	}
	if job.DeliveryType != restorejobs.DeliveryTypeDownload {
		return nil
	}
	return named(job, dir)
}

// hashed finds the file of a classic job by its name, and compares it with the checksum of the job.
func hashed(job *restorejobs.Job, dir string) []restorejobs.DownloadedFile {
	for _, hash := range job.Hashes {
		if hash.TypeName != restorejobs.HashTypeSHA1 || filepath.Base(hash.FileName) != hash.FileName {
			continue
		}
		path := filepath.Join(dir, hash.FileName)
		size, sum, err := sha1Of(path)
		if err == nil && sum == hash.Hash {
			return []restorejobs.DownloadedFile{{
				JobID:    job.ID,
				Path:     path,
				Size:     size,
				SHA1:     sum,
				Verified: true,
			}}
		}
	}
	return nil
}

// named finds the files of an Atlas job by the id of the snapshot in their names: such a job has no
// checksum, and its links disappear after their use.
func named(job *restorejobs.Job, dir string) []restorejobs.DownloadedFile {
	entries, err := os.ReadDir(dir)
	if err != nil || job.SnapshotID == "" {
		return nil
	}
	var files []restorejobs.DownloadedFile
	for _, entry := range entries {
		name := entry.Name()
		isPart := strings.HasSuffix(name, ".part") || strings.HasSuffix(name, sidecar)
		if !strings.Contains(name, job.SnapshotID) || isPart {
			continue
		}
		path := filepath.Join(dir, name)
		size, sum, err := sha1Of(path)
		if err != nil || size == 0 {
			return nil
		}
		files = append(files, restorejobs.DownloadedFile{
			JobID: job.ID,
			Path:  path,
			Size:  size,
			SHA1:  sum,
		})
	}
	if len(files) != max(1, len(job.Components)) {
		return nil
	}
	return files
}

const sidecar = ".part.json"

// areDone reports whether existing files need no download. The library verifies a file with a
// sidecar, and removes the sidecar.
func areDone(files []restorejobs.DownloadedFile) bool {
	for _, file := range files {
		if _, err := os.Lstat(file.Path + sidecar); err == nil {
			return false
		}
	}
	return len(files) > 0
}

// isProved reports whether a file has the server's checksum, with or without a sidecar.
func isProved(files []restorejobs.DownloadedFile) bool { return len(files) > 0 && files[0].Verified }

// printExisting warns about files that were found only by their names.
func printExisting(out io.Writer, files []restorejobs.DownloadedFile) {
	for _, file := range files {
		if !file.Verified {
			fmt.Fprintf(out, "%s: exists, and the server has no checksum for it; -overwrite downloads it again\n", filepath.Base(file.Path))
		}
	}
}

func sha1Of(path string) (size int64, sum string, err error) {
	info, err := os.Lstat(path)
	if err != nil {
		return 0, "", err
	}
	if !info.Mode().IsRegular() {
		return 0, "", fs.ErrInvalid
	}
	file, err := os.Open(path)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = file.Close() }()
	hash := sha1.New()
	size, err = io.Copy(hash, file)
	return size, hex.EncodeToString(hash.Sum(nil)), err
}
