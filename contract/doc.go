// Package contract compares the requests of the library and the responses of its test server
// with the vendor's OpenAPI document, and the library with recorded responses of the service.
// It contains only tests.
package contract
