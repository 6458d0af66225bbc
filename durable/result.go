package durable

import (
	"time"

	"example.com/restorejobs"
)

// Result is the evidence of a restore. It is plain data without a secret, to be stored as JSON.
type Result struct {
	// Source is the reference of the source.
	Source string `json:"source"`
	// Destination is the destination as text.
	Destination string `json:"destination"`
	// Point is what the plan selects, as text.
	Point string `json:"point"`
	// Choice is the data that was restored.
	Choice Choice `json:"choice"`
	// Run counts the restores of the journal, from 1.
	Run int `json:"run"`
	// Attempts is how many restores were started for the choice.
	Attempts int `json:"attempts"`

	// Begin is when the run began.
	Begin time.Time `json:"begin"`
	// Created is when the service created the jobs. Zero if unknown.
	Created time.Time `json:"created,omitzero"`
	// Finished is when the last job finished, by the service. Zero if the service does not report it.
	Finished time.Time `json:"finished,omitzero"`
	// InPlace is when the data was seen in place. Zero for downloads.
	InPlace time.Time `json:"inPlace,omitzero"`
	// Ready is when the files could be downloaded. Zero for restores into a cluster.
	Ready time.Time `json:"ready,omitzero"`
	// End is when the restore had ended.
	End time.Time `json:"end,omitzero"`
	// RestoreSeconds is from Created, or Begin if that is later, to InPlace or Ready.
	RestoreSeconds float64 `json:"restoreSeconds,omitempty"`
	// DownloadSeconds is from Ready to End.
	DownloadSeconds float64 `json:"downloadSeconds,omitempty"`
	// TotalSeconds is from Begin to End.
	TotalSeconds float64 `json:"totalSeconds,omitempty"`

	// Jobs are the jobs of the last attempt.
	Jobs []JobResult `json:"jobs,omitempty"`
	// Files are the downloaded files.
	Files []FileResult `json:"files,omitempty"`
}

// JobResult is a job as last read.
type JobResult struct {
	// ID is the job's.
	ID string `json:"id"`
	// State is its state.
	State restorejobs.State `json:"state"`
	// Created is when it was created. Zero if unknown.
	Created time.Time `json:"created,omitzero"`
	// Finished is when it finished. Zero if the service does not report it.
	Finished time.Time `json:"finished,omitzero"`
}

// FileResult is a downloaded file.
type FileResult struct {
	// Path is where it is.
	Path string `json:"path"`
	// Size is its length in bytes.
	Size int64 `json:"size"`
	// SHA1 is its checksum in lower-case hexadecimal.
	SHA1 string `json:"sha1"`
	// Verified reports that the service provided the same checksum.
	Verified bool `json:"verified"`
	// ReplicaSet is the shard or config server it is from. Empty if unknown.
	ReplicaSet string `json:"replicaSet,omitempty"`
	// JobID is its job.
	JobID string `json:"jobId"`
}

func (r *Result) setJobs(jobs []*restorejobs.Job) {
	r.Jobs = nil
	r.Created = time.Time{}
	r.Finished = time.Time{}
	for _, job := range jobs {
		created := job.CreationTime()
		finished := job.FinishTime()
		r.Jobs = append(r.Jobs, JobResult{
			ID:       job.ID,
			State:    job.State(),
			Created:  created,
			Finished: finished,
		})
		if r.Created.IsZero() || created.Before(r.Created) {
			r.Created = created
		}
		if finished.After(r.Finished) {
			r.Finished = finished
		}
	}
}

func (r *Result) setFiles(files []restorejobs.DownloadedFile) {
	r.Files = nil
	for _, file := range files {
		r.Files = append(r.Files, FileResult{
			Path:       file.Path,
			Size:       file.Size,
			SHA1:       file.SHA1,
			Verified:   file.Verified,
			ReplicaSet: file.ReplicaSet,
			JobID:      file.JobID,
		})
	}
}

func (r *Result) setDurations() {
	created := r.Created
	if created.Before(r.Begin) { // unknown, or in whole seconds
		created = r.Begin
	}
	restored := r.InPlace
	if restored.IsZero() {
		restored = r.Ready
		r.DownloadSeconds = seconds(r.Ready, r.End)
	}
	r.RestoreSeconds = seconds(created, restored)
	r.TotalSeconds = seconds(r.Begin, r.End)
}

// seconds is the time between two clocks, which can differ: never negative.
func seconds(from, to time.Time) float64 {
	return max(to.Sub(from), 0).Round(time.Millisecond).Seconds()
}
