package download

import "time"

// progressEvery is the shortest time between two reports of a running transfer.
const progressEvery = 250 * time.Millisecond

// Progress is the progress of one file.
type Progress struct {
	// Bytes is how many bytes the destination has, Resumed included.
	Bytes int64
	// Total is the size of the file, -1 if unknown.
	Total int64
	// Resumed is how many bytes an earlier call has received.
	Resumed int64
	// Done is set in the last report: the file is verified and in place.
	Done bool
}

// progressMeter counts the bytes of one file. It is used by one goroutine.
type progressMeter struct {
	onProgress func(Progress) // may be nil
	current    Progress
	last       time.Time
}

func newProgressMeter(onProgress func(Progress)) *progressMeter {
	return &progressMeter{onProgress: onProgress, current: Progress{Total: -1}}
}

// setPosition sets the count before the next byte.
func (p *progressMeter) setPosition(bytes, total int64) {
	p.current.Bytes = bytes
	p.current.Total = total
	p.current.Resumed = min(bytes, p.current.Resumed)
	p.report()
}

// resume sets the count to the bytes of an earlier call.
func (p *progressMeter) resume(bytes, total int64) {
	p.current.Resumed = bytes
	p.setPosition(bytes, total)
}

// add counts received bytes.
func (p *progressMeter) add(n int64) {
	p.current.Bytes += n
	if p.onProgress != nil && time.Since(p.last) >= progressEvery {
		p.report()
	}
}

// finish reports that the file is in place.
func (p *progressMeter) finish(size int64) {
	p.current.Bytes = size
	p.current.Total = size
	p.current.Done = true
	p.report()
}

func (p *progressMeter) report() {
	if p.onProgress == nil {
		return
	}
	p.onProgress(p.current)
	p.last = time.Now()
}
