// Package api makes calls to an HTTP API: it builds the request, limits the rate, reads the
// response whole, retries, and records every attempt. It knows no restore job and no public
// error. [Classify] decides what may be tried again.
package api
