package main

import (
	"fmt"
	"io"
	"path/filepath"

	"example.com/restorejobs"
	"example.com/restorejobs/examples/internal/harness"
)

// printFiles prints each downloaded file and its checksum.
func printFiles(out io.Writer, files []restorejobs.DownloadedFile, became string) {
	for _, file := range files {
		verdict := "not verifiable: the server has no checksum"
		if file.Verified {
			verdict = "verified"
		}
		fmt.Fprintf(out, "%s  %s  %s\n", filepath.Base(file.Path), file.SHA1, verdict)
	}
	fmt.Fprintf(out, "%s %s\n", harness.Plural(len(files), "file"), became)
}
