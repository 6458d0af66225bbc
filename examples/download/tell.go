package main

import (
	"fmt"
	"io"
	"path/filepath"

	"example.com/restorejobs"
	"example.com/restorejobs/examples/internal/target"
)

// tell prints what was fetched and what became of it.
func tell(out io.Writer, files []restorejobs.File, became string) {
	for _, file := range files {
		verdict := "not to be verified: the server has no checksum"
		if file.Verified {
			verdict = "verified"
		}
		fmt.Fprintf(out, "%s  %s  %s\n", filepath.Base(file.Path), file.SHA1, verdict)
	}
	fmt.Fprintf(out, "%s %s\n", target.Count(len(files), "file"), became)
}

// again are the arguments with which another call goes on. A link that works once was
// asked, and is not asked again without -repeat.
func again(job *restorejobs.Job, dir string, opts restorejobs.DownloadOptions, ids []string) []string {
	args := []string{"-dir", dir}
	if opts.Overwrite {
		args = append(args, "-overwrite")
	}
	for _, link := range job.Downloads() {
		if link.MaxDownloads == 1 {
			args = append(args, "-repeat")
			break
		}
	}
	return append(args, ids...)
}
