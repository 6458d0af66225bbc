package restorejobs

import "time"

// DownloadOptions are the options of [Jobs.Download], [Jobs.DownloadTo] and [Jobs.Open]. The zero value is
// the default.
type DownloadOptions struct {
	// ReplicaSet selects the file of one shard or config server. Empty selects all files.
	ReplicaSet string
	// Existing is what happens where a file has the name already. Default [ExistingRefuse].
	// [Jobs.DownloadTo] and [Jobs.Open] ignore it.
	Existing ExistingFiles
	// Supersedes are jobs that the caller has given up. Their files with the same names are replaced,
	// except that an unfinished one is resumed where a strong ETag proves the same file. Without it,
	// only parts that their jobs can never resume are.
	Supersedes []string
	// Name, if not nil, names each file. Empty keeps the default name. A name must not be a path,
	// begin with a dot, end with ".part" or a space, be reserved on any system, or be used for two
	// files. A file that an earlier call has begun keeps its name. [Jobs.DownloadTo] and [Jobs.Open] ignore it.
	Name func(DownloadLink) string
	// ReuseSingleUseLinks permits more than one request to a single-use link (MaxDownloads 1).
	// By default such a link is requested at most once, even across calls, because the service
	// may count a resumed download as another.
	ReuseSingleUseLinks bool
	// State, if not nil, is where [Jobs.DownloadTo] and [Jobs.Open] begin: the zero value is the
	// start of the file. DownloadTo records in it what the writer has received, also with an error.
	// The file may be that of another job with the same strong ETag and length.
	// [Jobs.Download] ignores it.
	State *DownloadState
	// Concurrency is how many files of all jobs are fetched at the same time. Default 2; 1
	// fetches them one after the other. Each uses about 2 MiB of memory.
	Concurrency int
	// Connections is how many connections fetch one file of [Jobs.Download]. Default: 4 if the first
	// is slower than 150 MB/s. 1 disables it; at most 16. Further ones request ranges of at least
	// 1 MiB, if 64 MiB are left, a strong ETag or date identifies the file, and the link has no
	// limit of downloads or a sufficient one. Each uses 0.5 MiB of memory.
	Connections int
	// PrivateEndpoint is the ID of the private endpoint to fetch through, such as
	// "vpce-3bf78b0ddee411ba1", or [AnyPrivateEndpoint]. Empty selects the public links. For
	// Atlas clusters; a job without private links matches [errors.ErrUnsupported].
	PrivateEndpoint string
	// StallTimeout limits how long a server may send nothing before it is requested again.
	// Default 60s; negative disables it. Only the context limits a whole download.
	StallTimeout time.Duration
	// Progress, if not nil, is called for each file at its start and end, and up to four times
	// a second in between. Calls never overlap. A slow call delays the download. A panic ends
	// the download and is passed on to the caller.
	Progress func(DownloadProgress)
}

// AnyPrivateEndpoint selects the first private endpoint of each file; see
// [DownloadOptions.PrivateEndpoint].
const AnyPrivateEndpoint = "any"

const (
	downloadOperation    = "download restore job"
	defaultConcurrency   = 2
	defaultConnections   = 4
	maxConnections       = 16
	defaultStallTimeout  = time.Minute
	extraDownloadRetries = 2 // a link is requested more often than the API
)

// ExistingFiles is what [Jobs.Download] does where a file has the name already.
type ExistingFiles int

const (
	// ExistingRefuse is an error that matches [io/fs.ErrExist], before anything is fetched.
	ExistingRefuse ExistingFiles = iota
	// ExistingKeep returns the files of the job that exist, hashed and verified, and uses no link
	// for them. This works after the link or the job has gone. It needs the record
	// .name.download.json, which only this option writes beside each file, or the service's
	// checksum. A file that has changed matches [ErrChecksumMismatch] and [io/fs.ErrExist]. A file
	// that nothing proves is refused. Records of removed files are removed.
	ExistingKeep
	// ExistingReplace replaces a file once the new one is complete and verified. The part file of
	// another job is replaced immediately. A directory is never replaced.
	ExistingReplace
)

func (d DownloadOptions) replacesFiles() bool { return d.Existing == ExistingReplace }

// validate lists the options that are invalid for every job.
func (d DownloadOptions) validate() []string {
	var problems []string
	if d.Concurrency < 0 {
		problems = append(problems, "Concurrency must not be negative")
	}
	if d.Connections < 0 || d.Connections > maxConnections {
		problems = append(problems, "Connections must be between 0 and 16")
	}
	if d.Existing < ExistingRefuse || d.Existing > ExistingReplace {
		problems = append(problems, "Existing must be ExistingRefuse, ExistingKeep or ExistingReplace")
	}
	return problems
}

func (d DownloadOptions) withDefaults() DownloadOptions {
	if d.Concurrency == 0 {
		d.Concurrency = defaultConcurrency
	}
	if d.StallTimeout == 0 {
		d.StallTimeout = defaultStallTimeout
	}
	return d
}
