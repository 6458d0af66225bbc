package main

import (
	"fmt"
	"io"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"example.com/restorejobs"
	"example.com/restorejobs/examples/internal/harness"
)

// bars shows the progress of each file: with a bar on a terminal, else with a line at its end, and
// with another line before it if the file is resumed.
type bars struct {
	out      io.Writer
	terminal *mpb.Progress // nil: lines
	files    map[string]*mpb.Bar
	resumed  map[string]bool // files whose line about resuming was printed
}

func newBars(out io.Writer) *bars {
	b := &bars{
		out:     out,
		files:   map[string]*mpb.Bar{},
		resumed: map[string]bool{},
	}
	if harness.IsTerminal(out) {
		b.terminal = mpb.New(mpb.WithOutput(out), mpb.WithWidth(64))
	}
	return b
}

// show is called by the library, never concurrently.
func (b *bars) show(p restorejobs.DownloadProgress) {
	bar, known := b.files[p.File]
	if b.terminal == nil {
		b.files[p.File] = nil
		if p.Resumed > 0 && !b.resumed[p.File] {
			b.resumed[p.File] = true
			fmt.Fprintf(b.out, "%s: resumed after %d bytes\n", p.File, p.Resumed)
		}
		if p.Done {
			fmt.Fprintf(b.out, "%s: %d bytes\n", p.File, p.Bytes)
		}
		return
	}
	if !known {
		bar = b.terminal.AddBar(p.Total,
			mpb.PrependDecorators(decor.Name(p.ReplicaSet+" ", decor.WCSyncSpaceR), decor.Counters(decor.SizeB1024(0), "% .1f / % .1f")),
			mpb.AppendDecorators(decor.Percentage(decor.WC{W: 5}), decor.AverageSpeed(decor.SizeB1024(0), " % .1f")))
		b.files[p.File] = bar
	}
	if p.Total > 0 {
		bar.SetTotal(p.Total, p.Done)
	}
	bar.SetCurrent(p.Bytes)
}

// end draws the bars for the last time, including those of failed downloads.
func (b *bars) end() {
	if b.terminal == nil {
		return
	}
	for _, bar := range b.files {
		bar.Abort(false) // has no effect on a complete bar
	}
	b.terminal.Wait()
}
