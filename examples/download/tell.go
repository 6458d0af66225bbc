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
