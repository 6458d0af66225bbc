package download

import "time"

// progressEvery bounds how often one file reports.
const progressEvery = 250 * time.Millisecond

// Progress is how far a file has come.
type Progress struct {
	// Bytes is how much is there, with Resumed.
	Bytes int64
	// Total is the size of the file, -1 where the server does not tell.
	Total int64
	// Resumed is how much of it was there from an earlier call.
	Resumed int64
	// Done is set in the last report: the file is whole, checked and in place.
	Done bool
}

// progressMeter follows one file. It is used by one goroutine.
type progressMeter struct {
	onProgress func(Progress) // nil for nobody
	current    Progress
	last       time.Time
}

func newProgressMeter(onProgress func(Progress)) *progressMeter {
	return &progressMeter{onProgress: onProgress, current: Progress{Total: -1}}
}

// setPosition says how far the file is before the next byte comes.
func (p *progressMeter) setPosition(bytes, total int64) {
	p.current.Bytes, p.current.Total, p.current.Resumed = bytes, total, min(bytes, p.current.Resumed)
	p.report()
}

// resume says how much an earlier call has left.
func (p *progressMeter) resume(bytes, total int64) {
	p.current.Resumed = bytes
	p.setPosition(bytes, total)
}

// add counts bytes as they come.
func (p *progressMeter) add(n int64) {
	p.current.Bytes += n
	if p.onProgress != nil && time.Since(p.last) >= progressEvery {
		p.report()
	}
}

// finish says that the file is in place.
func (p *progressMeter) finish(size int64) {
	p.current.Bytes, p.current.Total, p.current.Done = size, size, true
	p.report()
}

func (p *progressMeter) report() {
	if p.onProgress == nil {
		return
	}
	p.onProgress(p.current)
	p.last = time.Now()
}
