package restorejobs

import "example.com/restorejobs/internal/jsondec"

// Neighbours in a list share memory. [Jobs.List] decodes them with their page, by a jobReader, and
// [Jobs.All] when its loop is at them, by decodeBlock of list_job_texts.go.

// jobBlock is how many jobs share memory: five fill a size class of the allocator, where a single one
// wastes a sixteenth. A job that is kept keeps no more than its block.
const jobBlock = 5

// maxBlockText is how much JSON the jobs of a block have, in bytes: what [jsondec.Decoder.BeginCopy]
// copies at most. A longer job is alone.
const maxBlockText = 8 << 10

// jobReader reads the jobs of a page. Its zero value is ready to use.
type jobReader struct {
	block []Job // for the next jobs
	size  int   // of the last job, in bytes of JSON
}

// read is the entryReader of jobs.
func (r *jobReader) read(d *jsondec.Decoder) *Job {
	job := r.next(d)
	d.BeginCopy(1 + len(r.block))
	job.decode(d)
	raw, text := d.EndCopy()
	r.size = len(raw)
	if text == "" && d.Err() == nil { // its end was not guessed
		*job = Job{}
		job, _ = parseJob(raw) // what was just read is well-formed
		return job
	}
	job.raw = text
	if len(raw) <= maxBlockText {
		return job
	}
	alone := *job
	*job = Job{} // its neighbours keep their block
	return &alone
}

// next returns a job of a block. The first one of a page is alone: it shows how many can follow.
func (r *jobReader) next(d *jsondec.Decoder) *Job {
	if len(r.block) == 0 {
		length := 1
		if r.size > 0 {
			length = min(1+d.Remaining()/r.size, jobBlock)
		}
		r.block = make([]Job, length)
	}
	job := &r.block[0]
	r.block = r.block[1:]
	return job
}
