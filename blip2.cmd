@echo off
rem Runs the command line program on Windows; builds it first if it has not been built. Behind a
rem change of the sources, delete blip2-cli\target\built.
setlocal
set "root=%~dp0"
set "lib=%root%blip2-cli\target\lib"
set "stamp=%root%blip2-cli\target\built"
rem The wrapper brings Maven where there is none.
set "mvn=mvn"
where mvn >nul 2>&1 || set "mvn=mvnw.cmd"
if not exist "%stamp%" (
  echo Building blip2 ^(the first time downloads the engines, some 300 MB^) ... 1>&2
  if exist "%lib%" rmdir /s /q "%lib%"
  pushd "%root%" || exit /b 1
  call %mvn% -q %BLIP2_MAVEN_ARGS% -DskipTests -Dspotless.check.skip=true -pl blip2-cli -am package 1>&2
  if errorlevel 1 (
    popd
    exit /b 1
  )
  popd
  type nul > "%stamp%"
)
set "java=java"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java"
rem JAVA_OPTS adds the user's own options.
"%java%" --enable-native-access=ALL-UNNAMED -Dfile.encoding=UTF-8 -Dsun.stderr.encoding=UTF-8 -Dstderr.encoding=UTF-8 %JAVA_OPTS% -cp "%lib%\*" io.github.blip2j.cli.Main %*
exit /b %errorlevel%
